"""Paper: PDF files set by typst, in fonts that hold the whole of what people write (the extra `documents`)."""
