"""Steps of building the open body: people, T-pose, joints, shape space, surface, file."""
