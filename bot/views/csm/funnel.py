"""The funnel as a picture: plain bars on an opaque ground, readable in light and dark mode."""

from collections.abc import Sequence
from io import BytesIO

INK, GROUND, BAR, TRACK = "#1d2a33", "#ffffff", "#2f6f8f", "#e6edf1"
SIZE, DPI = (7.2, 3.6), 150  # inches; 1080 pixels wide


def draw_funnel(title: str, bars: Sequence[tuple[str, int]]) -> bytes:
    """Draws a PNG. It keeps one core busy for about half a second, so call it in a thread."""
    # Imported late: most processes never draw, and this import takes longer than their start.
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(
        figsize=SIZE,
        dpi=DPI,
        facecolor=GROUND,
        layout=ConstrainedLayoutEngine(w_pad=0.25, h_pad=0.2),
    )
    axes = figure.add_subplot()
    labels, counts = [label for label, _ in bars], [count for _, count in bars]
    most = max([*counts, 1])
    axes.barh(labels, [most] * len(bars), color=TRACK, height=0.62)
    axes.barh(labels, counts, color=BAR, height=0.62)
    for row, count in enumerate(counts):
        axes.text(most * 1.02, row, str(count), va="center", color=INK, fontsize=13, weight="bold")
    axes.invert_yaxis()
    axes.set_xlim(0, most * 1.1)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, labelsize=12, labelcolor=INK)
    axes.spines[:].set_visible(False)
    axes.set_title(title, loc="left", color=INK, fontsize=14, weight="bold", pad=12)
    written = BytesIO()
    figure.savefig(written, format="png")
    return written.getvalue()
