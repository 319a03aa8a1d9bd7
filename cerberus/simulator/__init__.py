"""The paper exchange: a feed of real prices behind the wire protocol of Gate.io."""
