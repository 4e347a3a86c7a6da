"""Image quality metrics, measures of artefacts, and confidence intervals."""
