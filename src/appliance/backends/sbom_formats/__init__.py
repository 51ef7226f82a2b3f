"""How the contents of an image are listed for others: CycloneDX, SPDX, a file per format. Not there
yet; the folder keeps its place, and what is listed is found out in inspection/."""
