"""Files: the bytes of a recording are inspected before a decoder reads them."""
