"""Every option of every command, declared once: its names, its unit and check, its help."""
