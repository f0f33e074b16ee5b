"""Sections of a report in words; all text from outside is escaped."""

from html import escape

from .._words import counted

_MOST_PLACES = 10


def sections_of(diagnosis, history, provenance, command):
    """Return the sections below the pictures, as HTML.

    Parameters
    ----------
    diagnosis : Diagnosis or None
        What is in the noise.
    history : list of dict or None
        Steps of the training.
    provenance : dict
        Where the result comes from.
    command : str or None
        What makes it again.

    Returns
    -------
    str
        HTML.
    """
    parts = [_findings(diagnosis)]
    if history:
        words = f"Training loss over {counted(len(history), 'step')}, means of neighbouring steps."
        parts.append(("Training", f'<svg id="loss" class="plot"></svg>{_hint(words)}'))
    if command:
        parts.append(("The command", f'<pre class="command">{escape(command)}</pre>'))
    if provenance:
        parts.append(("Parameters and origin", _origin(provenance)))
    return "\n".join(_section(*part) for part in parts)


def _section(title, body):
    return f"<section>\n<h2>{title}</h2>\n{body}\n</section>"


def _hint(words):
    return f'<p class="hint">{escape(words)}</p>'


def trust_of(evidence):
    """Return the section about places where a result departs from its image, as HTML.

    Parameters
    ----------
    evidence : Evidence or None
        The places.

    Returns
    -------
    str
        HTML.
    """
    title = "What not to trust"
    if evidence is None:
        return _section(title, "<p>The image shows no noise to compare the result with.</p>")
    body = f"<p>{escape(evidence.summary())}</p>"
    if len(evidence.places):
        rows = [
            (f"row {p['row']}, column {p['column']}", f"z = {p['z']:.1f}, {_kind(p['z'])}")
            for p in evidence.places[:_MOST_PLACES]
        ]
        body += table(rows)
    body += _hint(
        "Compared are the result and this one noisy image. A feature too weak for both cannot be "
        "seen here; a second exposure can tell."
    )
    return _section(title, body)


def _kind(z):
    return "the result shows too little" if z > 0 else "the result shows too much"


def _findings(diagnosis):
    title = "What is in the noise"
    if diagnosis is None:
        return title, "<p>The image is too small or too smooth to tell.</p>"
    warnings = "".join(f'<p class="warning">{escape(words)}</p>' for words in diagnosis.warnings)
    advice = "".join(f"<p>{escape(words)}</p>" for words in diagnosis.advice)
    figures = str(diagnosis).partition("\n\n")[0]
    details = f"<details><summary>Figures</summary><pre>{escape(figures)}</pre></details>"
    return title, (warnings or "<p>Nothing that breaks an assumption.</p>") + advice + details


def _origin(provenance):
    others = {name: value for name, value in provenance.items() if name != "parameters"}
    body = table([(name, _text(value)) for name, value in others.items()])
    parameters = provenance.get("parameters")
    if parameters:
        rows = [(name, _text(value)) for name, value in sorted(parameters.items())]
        body = f'{table(rows)}<h2 class="next">Origin</h2>{body}'
    return body


def _text(value):
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items())
    return str(value)


def table(rows):
    """Return a table of two columns, names and values."""
    lines = (f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{''.join(lines)}</table>"
