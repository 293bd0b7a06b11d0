"""The models as networks, how they are judged, and what int8 loses."""
