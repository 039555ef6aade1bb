/* global window, document, AdaptiveCards, getComputedStyle -- runs in the page */

/** Draws the card into #card, and gives the messages of the renderer's validation (none for a good card). */
window.drawCard = (card, hostConfig) => {
  const context = new AdaptiveCards.SerializationContext();
  const drawn = new AdaptiveCards.AdaptiveCard();
  drawn.hostConfig = new AdaptiveCards.HostConfig(hostConfig);
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = processMarkdown;
  drawn.onExecuteAction = (action) => { window.submitted = { data: action.data }; };
  drawn.parse(card, context);
  document.querySelector('#card').replaceChildren(drawn.render());
  return Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
};

/** Markdown as Web Chat and Teams read it, in small: so that a test sees what it would make of untrusted text. */
function processMarkdown(text, result) {
  result.outputHtml = text
    .replace(/&/g, '&amp;').replace(/</g, '&lt;')
    .replace(/!\[([^\]]*)\]\(([^)]*)\)/g, '<img alt="$1" src="$2">')
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '<a href="$2">$1</a>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
  result.didProcess = true;
}

/** Elements whose content is wider than they are: people would miss the end of it. */
window.overflowing = () => [...document.querySelectorAll('body, #card, #card *')]
  .filter((element) => element.clientWidth > 0 && getComputedStyle(element).display !== 'inline' && element.scrollWidth > element.clientWidth + 1)
  .map((element) => `${element.className || element.tagName}: ${element.textContent.slice(0, 60)}`);

/** Text whose contrast with its background is below 4.5 : 1 (WCAG 2.2, 1.4.3). */
window.faint = () => [...document.querySelectorAll('#card *')]
  .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''))
  .filter((element) => contrast(colorOf(element), backgroundOf(element)) < 4.5)
  .map((element) => `${contrast(colorOf(element), backgroundOf(element)).toFixed(2)}: ${element.textContent.slice(0, 60)}`);

function colorOf(element) {
  const [red, green, blue, alpha = 1] = channels(getComputedStyle(element).color);
  const behind = backgroundOf(element);
  return [red, green, blue].map((channel, index) => channel * alpha + behind[index] * (1 - alpha));
}

function backgroundOf(element) {
  for (let at = element; at; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor);
    if (alpha > 0.99) return [red, green, blue];
  }
  return [255, 255, 255];
}

const channels = (color) => color.match(/[\d.]+/g).map(Number);

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((left, right) => left - right);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color) {
  const [red, green, blue] = color.map((channel) => channel / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** What the Tab key reaches in order, as "role: name". */
window.reachable = () => [...document.querySelectorAll('#card a[href], #card button, #card select, #card [tabindex="0"]:not(.ac-adaptiveCard)')]
  .filter((element) => element.tabIndex >= 0 && element.getClientRects().length > 0)
  .map((element) => `${element.getAttribute('role') ?? element.tagName.toLowerCase()}: ${element.getAttribute('aria-label') ?? element.textContent}`);

/** What in the drawn card could load, open or run something. */
window.activeContent = () => ({
  tags: [...new Set([...document.querySelectorAll('#card *')].map((element) => element.tagName.toLowerCase()))],
  links: [...document.querySelectorAll('#card [href], #card [src]')].map((element) => element.getAttribute('href') ?? element.getAttribute('src')),
  handlers: [...document.querySelectorAll('#card *')].flatMap((element) => element.getAttributeNames()).filter((name) => name.startsWith('on')),
});
