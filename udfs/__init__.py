"""The calculations: what marks mean, each defined once, without side effects."""
