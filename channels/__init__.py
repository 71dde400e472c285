"""The doors: messages in, messages out, one shape for all of them."""
