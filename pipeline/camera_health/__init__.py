"""Whether a camera still sees what it should: measures of its pictures, and the faults that they tell of."""
