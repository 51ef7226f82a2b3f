"""The shell text that makes installed packages a configured system that starts."""
