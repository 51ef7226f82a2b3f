"""The doors to the machine that we run on. Everything outside Python happens here."""
