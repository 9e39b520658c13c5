"""The avatar: a fitted body made portable, its writers, its texture and its report."""
