"""Wire messages: proto/ as Python classes, and the protobuf encoding of them."""
