"""The ahead-of-time cache of the Java machine: trained once, used from the next start on."""
