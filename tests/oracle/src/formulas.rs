//! Formulas and arithmetic, beside LibreOffice and Python.
