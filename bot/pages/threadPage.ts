import type { Words } from '../../cards/words';
import type { Thread, ThreadMessage } from '../../threads/thread';
import { htmlDocument, logo } from './document';
import { html, type Markup } from './html';

export interface ThreadPageOptions {
  readonly words: Words;
  /** BCP 47 of the words. */
  readonly language: string;
  readonly nonce: string;
  readonly urlOf: (name: string) => string;
}

/** A stored thread to read: one element for each message, with the message's id, so that "#id" opens a turn. */
export function threadPage(thread: Thread, options: ThreadPageOptions): string {
  const { words: { threadPage: words } } = options;
  return page(thread.title, options, html`<div class="thread-head">
<p class="kind">${words.kind[thread.kind]}</p>
<h1 dir="auto">${thread.title}</h1>
<p class="facts">${facts(thread, options).join(' · ')}</p>
</div>
<ol class="messages">
${thread.messages.map((message, index) => entry(message, thread.messages[index - 1], thread, options))}
</ol>
<p class="private">${words.private}</p>`);
}

/** For an address that opens nothing. It does not tell whether there ever was something. */
export function threadNotFoundPage(options: ThreadPageOptions): string {
  const { words: { threadPage: words } } = options;
  return page(words.notFoundTitle, options, html`<div class="thread-head not-found">
<h1>${words.notFoundTitle}</h1>
<p class="lead">${words.notFound}</p>
<p><a class="button" href="/">${words.back}</a></p>
</div>`);
}

function page(title: string, { words, language, nonce, urlOf }: ThreadPageOptions, content: Markup): string {
  return htmlDocument({
    title: `${title} · Parley`,
    language,
    nonce,
    styles: [urlOf('thread.css')],
    head: html`<meta name="robots" content="noindex">`,
    body: html`<header class="bar"><a class="brand" href="/" aria-label="${words.threadPage.back}">${logo}<span>Parley</span></a></header>
<main class="reading">
${content}
</main>`,
  });
}

/** Documents have paragraphs, not people. */
function facts(thread: Thread, { words: { threadPage: words }, language }: ThreadPageOptions): string[] {
  const people = thread.kind === 'document' ? [] : [words.participants(thread.participants.length)];
  const day = onlyDay(thread);
  return [...(day ? [`${new Date(day).toLocaleDateString(language, { dateStyle: 'long', timeZone: 'UTC' })} (UTC)`] : []), words.messageCount(thread.messages.length), ...people];
}

/** The name stands once for a run of messages by the same person. */
function entry(message: ThreadMessage, before: ThreadMessage | undefined, thread: Thread, { words, language }: ThreadPageOptions): Markup {
  const name = message.author.name || words.threadPage.unnamed;
  const continues = before?.author.id === message.author.id;
  return html`<li class="message${continues ? ' continues' : ''}" id="${message.id}" tabindex="-1">
<a class="time" href="#${encodeURIComponent(message.id)}" aria-label="${words.threadPage.linkTo(name)}">${timeOf(message, onlyDay(thread) !== undefined, language) ?? '#'}</a>
<div class="said"><p class="speaker${continues ? ' speaker-again' : ''}" dir="auto">${name}</p><p class="text" dir="auto">${message.text}</p></div>
</li>`;
}

function timeOf({ offsetMs, createdAt }: ThreadMessage, isOneDay: boolean, language: string): string | undefined {
  if (offsetMs !== undefined) return clock(offsetMs);
  const date = createdAt ? new Date(createdAt) : undefined;
  if (!date || Number.isNaN(date.getTime())) return undefined;
  return date.toLocaleString(language, { ...(isOneDay ? {} : { dateStyle: 'medium' }), timeStyle: 'short', timeZone: 'UTC' });
}

/** The calendar day (UTC) that all messages were written on; then it stands once, above them. */
function onlyDay({ messages }: Thread): string | undefined {
  const day = dayOf(messages[0]);
  return day !== undefined && day === dayOf(messages.at(-1)) ? day : undefined;
}

function dayOf(message: ThreadMessage | undefined): string | undefined {
  const time = Date.parse(message?.createdAt ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
}

/** "1:02:03", or "02:03" within the first hour. */
function clock(offsetMs: number): string {
  const seconds = Math.floor(offsetMs / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, ...rest] = parts;
  return [...(hours ? [hours] : []), ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}
