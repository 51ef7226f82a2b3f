"""What people read; generate.py writes the parts that the code knows best."""
