import type { Words } from '../../cards/words';
import { htmlDocument, logo } from './document';
import { enginePanel } from './enginePanel';
import { html, jsonScript, type Markup } from './html';

export interface ChatPageOptions {
  readonly words: Words;
  /** BCP 47 of the words. */
  readonly language: string;
  /** Undefined for the offline engine. */
  readonly modelName: string | undefined;
  readonly maxUploadBytes: number;
  /** A deployment listens to recordings. */
  readonly takesRecordings: boolean;
  readonly nonce: string;
  /** Address of a built file by its name. */
  readonly urlOf: (name: string) => string;
  /** The page may run inside Teams. */
  readonly mayBeFramed: boolean;
}

/** What can be read; the same list is in the words that people see. */
const readable = ['.vtt', '.srt', '.txt', '.md', '.json', '.docx', '.pdf'];
/** What can be listened to: dialogs/recording.ts. */
const audible = ['.flac', '.m4a', '.mp3', '.mp4', '.ogg', '.opus', '.wav', '.webm'];

const fileTypesOf = ({ takesRecordings }: ChatPageOptions): readonly string[] => (takesRecordings ? [...readable, ...audible] : readable);

/** The chat: header, engine, first screen and the place where Web Chat goes. */
export function chatPage(options: ChatPageOptions): string {
  const { words: { page: words }, language, nonce, urlOf } = options;
  return htmlDocument({
    title: 'Parley',
    language,
    nonce,
    styles: [urlOf('chat.css')],
    head: html`<meta name="description" content="${words.tagline}">
<script src="${urlOf('webchat.js')}" nonce="${nonce}" defer></script>
<script type="module" src="${urlOf('chat.js')}" nonce="${nonce}"></script>`,
    body: html`<a class="skip" href="#chat" id="skip">${words.skip}</a>
${header(options)}
${enginePanel(options)}
<main class="page">
${firstScreen(words, fileTypesOf(options))}
<p class="opening" id="opening">${words.loading}</p>
<div class="chat" id="chat" role="region" aria-label="${words.chat}"></div>
<noscript><p class="no-script">${words.noScript}</p></noscript>
</main>
<div class="notices" id="notices" role="status" aria-live="polite"></div>
<div class="drop" id="drop" aria-hidden="true"><p>${words.drop}</p></div>
${jsonScript('page-data', pageData(options))}`,
  });
}

function header({ words: { page: words }, modelName }: ChatPageOptions): Markup {
  const name = modelName ? words.engine.chipModel(modelName) : words.engine.chipOffline;
  return html`<header class="bar">
<h1 class="brand">${logo}<span>Parley</span></h1>
<button class="chip" type="button" popovertarget="engine" aria-label="${words.engine.chipLabel(name)}"><span class="dot${modelName ? '' : ' dot-offline'}"></span><span class="chip-name">${name}</span></button>
<button class="new" type="button" id="new" aria-label="${words.newConversation}"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 4v12M4 10h12"/></svg><span class="new-name">${words.newConversation}</span></button>
</header>`;
}

function firstScreen({ first }: Words['page'], fileTypes: readonly string[]): Markup {
  return html`<section class="first" id="first" aria-labelledby="first-title">
<div class="first-inner">
<h2 id="first-title">${first.title}</h2>
<p class="lead">${first.intro}</p>
<div class="prompts" role="group" aria-label="${first.promptsTitle}">
${promptButton('summarize', first.summarize, promptIcons.summarize)}
${promptButton('ask', first.ask, promptIcons.ask)}
${promptButton('translate', first.translate, promptIcons.translate)}
</div>
<p class="hint">${first.files(fileTypes.join(' '))}</p>
</div>
</section>`;
}

/** Disabled until the conversation is open: the script enables them. */
function promptButton(id: string, words: { readonly title: string; readonly detail: string }, icon: Markup): Markup {
  return html`<button class="prompt" type="button" data-prompt="${id}" disabled><svg viewBox="0 0 24 24" aria-hidden="true">${icon}</svg><span class="prompt-words"><span class="prompt-title">${words.title}</span><span class="prompt-detail">${words.detail}</span></span></button>`;
}

const promptIcons = {
  summarize: html`<path d="M4 6h16M4 11h16M4 16h9"/><path d="m16 17 2 2 4-4"/>`,
  ask: html`<path d="M12 3a9 9 0 1 1-4.1 17L3 21l1-4.900A9 9 0 0 1 12 3z"/><path d="M9.6 9.600a2.5 2.5 0 1 1 3.6 2.300c-.8.4-1.2.9-1.2 1.600M12 16.500v.1"/>`,
  translate: html`<path d="M3 6h10M8 4v2M11 6c-1 4-4 7-7.5 8.500M5.5 9c1.2 2.3 3.2 4.2 5.5 5.3"/><path d="m12 20 4.5-10L21 20M13.5 17h6"/>`,
};

/** What the script needs to know; its shape is declared in web/pageData.ts. */
function pageData(options: ChatPageOptions): unknown {
  const { words: { page: words }, maxUploadBytes, mayBeFramed } = options;
  const fileTypes = fileTypesOf(options);
  const types = fileTypes.join(' ');
  const megabytes = Math.floor(maxUploadBytes / 1024 / 1024);
  const { summarize, ask, translate } = words.first;
  return {
    fileTypes,
    maxUploadBytes,
    mayBeFramed,
    sampleUrl: '/samples/ami-ES2016c.vtt',
    prompts: { summarize: summarize.send, ask: ask.send, translate: translate.send },
    words: {
      label: words.label,
      code: words.code,
      notice: words.notice,
      // The script puts the file's name in the place of {name}.
      refused: {
        type: words.refused.type('{name}', types),
        size: words.refused.size('{name}', megabytes),
        empty: words.refused.empty('{name}'),
      },
    },
  };
}
