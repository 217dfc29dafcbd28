"""GPUs, their rents, and the engines that serve on them: what their makers publish and others measured."""
