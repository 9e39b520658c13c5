"""The engine's memory: the scan read last and its fit, and how each request changes them."""

from likeness.core.errors import UsageError
from likeness.core.progress import Progress
from likeness.jobs.cleaning import prepared
from likeness.jobs.protocol import (
    ExportAvatar,
    ExportView,
    FindingsView,
    FitScan,
    FitView,
    InspectScan,
    OpenResult,
    ReadScan,
    Result,
    ResultView,
    SavedView,
    SaveScan,
    ScanView,
)
from likeness.jobs.reopening import reopened
from likeness.jobs.results import write_results
from likeness.jobs.steps import Fitted, Opened, fit_scan, inspected, open_scan
from likeness.jobs.views import bodies_view, export_view, findings_view, fit_view, scan_view
from likeness.jobs.wiring import Order
from likeness.scans.cleanup import save_scan


class Desk:
    """What lies here stays until a request has succeeded: a cancelled one changes nothing."""

    def __init__(self) -> None:
        self._opened: Opened | None = None
        self._fitted: Fitted | None = None

    def answer(self, order: Order, progress: Progress) -> Result:
        """Do what the order asks; raises as the job's steps do."""
        request = order.request
        if isinstance(request, ReadScan):
            return self._read(request, progress)
        if isinstance(request, OpenResult):
            return self._reopen(request, progress)
        if isinstance(request, InspectScan):
            self._catch_up_on_scan(order, progress)
            return self._inspect(progress)
        if isinstance(request, FitScan):
            self._catch_up_on_scan(order, progress)
            return self._fit(request, progress)
        if isinstance(request, ExportAvatar):
            self._catch_up_on_scan(order, progress)
            self._catch_up_on_fit(order, progress)
            return self._export(request, progress)
        if isinstance(request, SaveScan):
            self._catch_up_on_scan(order, progress)
            return self._save(request, progress)
        return bodies_view()

    def _read(self, request: ReadScan, progress: Progress) -> ScanView:
        opened = open_scan(request, progress)
        view = scan_view(opened)
        self._opened, self._fitted = opened, None
        return view

    def _reopen(self, request: OpenResult, progress: Progress) -> ResultView:
        fitted = reopened(request.folder, progress)
        view = ResultView(scan_view(fitted.opened), fit_view(fitted), fitted.opened.request,
                          fitted.request)
        self._opened, self._fitted = fitted.opened, fitted
        return view

    def _inspect(self, progress: Progress) -> FindingsView:
        self._opened = inspected(self._scan(), progress)
        return findings_view(self._opened)

    def _fit(self, request: FitScan, progress: Progress) -> FitView:
        fitted = fit_scan(self._scan(), request, progress)
        view = fit_view(fitted)
        self._opened, self._fitted = fitted.opened, fitted
        return view

    def _scan(self) -> Opened:
        if self._opened is None:
            raise UsageError("No scan is open.", "Open a scan first.")
        return self._opened

    def _export(self, request: ExportAvatar, progress: Progress) -> ExportView:
        if self._fitted is None:
            raise UsageError("There is no avatar yet.", "Fit the scan first.")
        return export_view(write_results(self._fitted, request, progress))

    def _save(self, request: SaveScan, progress: Progress) -> SavedView:
        clean = prepared(self._scan().scan, (), request, progress)
        progress("write", 0.0)
        save_scan(clean.scan, request.path)
        return SavedView(request.path)

    def _catch_up_on_scan(self, order: Order, progress: Progress) -> None:
        if self._opened is not None or order.read is None:
            return
        if isinstance(order.read, OpenResult):
            self._reopen(order.read, progress)
        else:
            self._opened = open_scan(order.read, progress)

    def _catch_up_on_fit(self, order: Order, progress: Progress) -> None:
        if self._fitted is None and self._opened is not None and order.fit is not None:
            self._fitted = fit_scan(self._opened, order.fit, progress)


