"""Bodies: template, shape space, skeleton and skin weights; ours and the user's own SMPL family."""
