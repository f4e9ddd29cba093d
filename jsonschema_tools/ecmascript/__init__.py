"""What Node does: conversions, order and text of values as ECMAScript defines them."""
