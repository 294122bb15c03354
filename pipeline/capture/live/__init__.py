"""Live cameras: what runs inside the reader process of one of them."""
