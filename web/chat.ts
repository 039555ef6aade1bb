import { watchConnection } from './connection';
import { offerCopies } from './copyCode';
import { checkFiles, listenForDrops } from './files';
import { labelMiddleware } from './labels';
import { adaptiveCardsHostConfig, styleOptions } from './look';
import { guardMarkup } from './markup';
import { createNotices } from './notices';
import { elementOf, readPageData } from './pageData';
import { createRetries } from './retries';
import { forgetSession, markStarted, openSession, readSession, type OpenedSession, type Session } from './session';
import { createConversationStore, type ConversationStore } from './store';
import { chosenLocale, followTeams } from './teams';
import { connectionStatus, webChat, type DirectLine } from './webChat';

const data = readPageData();
const { words } = data;
const notices = createNotices(words.notice);
const retries = createRetries();
const firstScreen = elementOf('first');
const REOPEN_PAUSE_MS = 60_000;
const promptButtons = [...firstScreen.querySelectorAll<HTMLButtonElement>('button[data-prompt]')];

let directLine: DirectLine | undefined;
let store: ConversationStore | undefined;
let reopenedAt = 0;

guardMarkup();
showFirstScreen(!readSession()?.started);
watchConnection(notices, words.notice);
listenForDrops(sendFiles);
offerCopies(elementOf('chat'), words.code);
elementOf('new').addEventListener('click', () => void startAfresh());
elementOf('skip').addEventListener('click', (event) => {
  event.preventDefault(); // its address is for browsers without scripts
  focusMessageBox();
});
for (const button of promptButtons) button.addEventListener('click', () => void tryPrompt(button));
if (data.mayBeFramed && window.parent !== window) void followTeams();
await open();

/** Opens the conversation that the browser keeps, or a new one. */
async function open(): Promise<void> {
  notices.hide('failed');
  const opened = await openSession().catch(reportFailure);
  if (opened) show(opened);
}

function reportFailure(): undefined {
  notices.show('failed', { text: words.notice.failed, urgent: true, action: { label: words.notice.retry, run: () => void open() } });
}

function show({ session, kind }: OpenedSession): void {
  if (kind === 'lost') notices.show('lost', { text: words.notice.startedAfresh });
  showFirstScreen(!session.started);
  close();
  // From watermark 0 the service plays the whole conversation again; a new one has only the greeting.
  directLine = webChat().createDirectLine({ domain: session.domain, token: session.token, conversationId: session.started ? session.conversationId : undefined, watermark: session.started ? '0' : undefined });
  store = createConversationStore({ check: acceptedOnly, onOwnMessage: leaveFirstScreen, middleware: retries.store });
  draw(session, directLine, store);
  directLine.connectionStatus$.subscribe(onStatus);
}

function draw(session: Session, connection: DirectLine, conversation: ConversationStore): void {
  webChat().renderWebChat({
    directLine: connection,
    store: conversation,
    userID: session.userId,
    locale: chosenLocale(),
    nonce: nonce(),
    styleOptions: styleOptions(data.fileTypes),
    adaptiveCardsHostConfig,
    activityMiddleware: [retries.activities, labelMiddleware(words.label)],
  }, elementOf('chat'));
  elementOf('opening').hidden = true;
}

function onStatus(status: number): void {
  if (status === connectionStatus.online) for (const button of promptButtons) button.disabled = false;
  if (status === connectionStatus.failedToConnect) reportFailure();
  if (status !== connectionStatus.expiredToken) return;
  // The token ran out while the device slept: a new one opens the same conversation. If that did not help, a person decides.
  const isRepeated = Date.now() - reopenedAt < REOPEN_PAUSE_MS;
  reopenedAt = Date.now();
  if (isRepeated) reportFailure();
  else void open();
}

function close(): void {
  directLine?.end();
  directLine = undefined;
}

async function startAfresh(): Promise<void> {
  forgetSession();
  notices.hide('lost');
  for (const button of promptButtons) button.disabled = true;
  await open();
  focusMessageBox();
}

async function tryPrompt(button: HTMLButtonElement): Promise<void> {
  const prompt = button.dataset.prompt ?? '';
  const files = prompt === 'translate' ? [] : await loadSample();
  if (files) store?.say(data.prompts[prompt] ?? '', files);
}

/** The sample meeting, as if the person had chosen the file. */
async function loadSample(): Promise<readonly File[] | undefined> {
  notices.hide('sample');
  try {
    const answer = await fetch(data.sampleUrl);
    if (!answer.ok) throw new Error(`The sample answered ${answer.status}.`);
    return [new File([await answer.blob()], data.sampleUrl.split('/').pop() ?? 'sample.vtt', { type: 'text/vtt' })];
  } catch {
    notices.show('sample', { text: words.notice.sampleFailed, urgent: true });
    return undefined;
  }
}

/** Sends dropped files at once, with what stands in the message box. */
function sendFiles(files: readonly File[]): void {
  const accepted = acceptedOnly(files);
  if (accepted.length > 0) store?.say(store.takeDraft(), accepted);
}

function acceptedOnly(files: readonly File[]): readonly File[] {
  const { accepted, refusals } = checkFiles(files, data);
  if (refusals.length > 0) notices.show('files', { text: refusals.join(' '), urgent: true });
  else if (files.length > 0) notices.hide('files');
  return accepted;
}

function leaveFirstScreen(): void {
  markStarted();
  const hadFocus = firstScreen.contains(document.activeElement);
  showFirstScreen(false);
  if (hadFocus) focusMessageBox();
}

function showFirstScreen(visible: boolean): void {
  document.body.classList.toggle('at-first', visible);
  firstScreen.hidden = !visible;
}

function focusMessageBox(): void {
  document.querySelector<HTMLElement>('[data-id="webchat-sendbox-input"]')?.focus();
}

/** Web Chat writes its styles with the page's nonce; scripts can read it, markup that someone slipped in cannot. */
function nonce(): string {
  return document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
}
