"""How well what is written on a page can be read."""

from playwright.async_api import Page


async def least_contrast(page: Page) -> float:
    """The least ratio between a text and what it stands on (WCAG 2, 1.4.3: 4.5 at least).

    What is switched off may be pale.
    """
    found: list[tuple[float, str]] = await page.evaluate(_RATIOS)
    ratio, text = min(found)
    print(f"{ratio:.2f}: {text}")  # noqa: T201 - pytest shows it if the test fails
    return ratio


_RATIOS = """() => {
  const rgba = (color) => [...color.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (color) => color.map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  // What is drawn at this element: its ground upon its parent's, faded as it is.
  const ground = (element) => {
    if (!element) return [255, 255, 255];
    const style = getComputedStyle(element), below = ground(element.parentElement);
    const [r, g, b, a] = rgba(style.backgroundColor);
    return over([r, g, b, a * style.opacity], below);
  };
  const fading = (element) =>
    element ? getComputedStyle(element).opacity * fading(element.parentElement) : 1;
  const written = (element) =>
    [...element.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.checkVisibility() && written(each))
    .filter((each) => !each.closest("[disabled], [aria-disabled=true], .sr"))
    .filter((each) => fading(each) * rgba(getComputedStyle(each).color)[3] > 0)
    .map((each) => {
      const below = ground(each), [r, g, b, a] = rgba(getComputedStyle(each).color);
      const pair = [light(over([r, g, b, a * fading(each)], below)), light(below)];
      return [(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), each.innerText];
    });
}"""
