"""Where every byte goes, before a disk exists. Arithmetic only; nothing here acts."""
