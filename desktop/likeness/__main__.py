"""`python -m likeness`: the command line; with no arguments, the window."""

from multiprocessing import freeze_support

from likeness.cli import start

if __name__ == "__main__":
    freeze_support()  # in a packaged program the engine process starts through here as well
    start()
