import type { Words } from '../../cards/words';
import { html, type Markup } from './html';

/** What answers, what it can do, and how to connect a model. A popover: the chip in the header opens it without a script. */
export function enginePanel({ words: { page }, modelName }: { readonly words: Words; readonly modelName: string | undefined }): Markup {
  const content = modelName ? modelContent(page.engine, modelName) : offlineContent(page.engine);
  return html`<section class="panel" id="engine" popover aria-labelledby="engine-title">
<button class="close" type="button" popovertarget="engine" popovertargetaction="hide" aria-label="${page.engine.close}"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="m5 5 10 10M15 5 5 15"/></svg></button>
${content}
</section>`;
}

type EngineWords = Words['page']['engine'];

function modelContent(words: EngineWords, name: string): Markup {
  return html`<h2 id="engine-title">${words.modelTitle(name)}</h2>
<p>${words.modelIntro}</p>
<p>${words.modelCare}</p>`;
}

function offlineContent(words: EngineWords): Markup {
  return html`<h2 id="engine-title">${words.offlineTitle}</h2>
<p>${words.offlineIntro}</p>
<h3>${words.canTitle}</h3>
${list(words.can)}
<h3>${words.cannotTitle}</h3>
${list(words.cannot)}
<h3>${words.connectTitle}</h3>
<p>${words.connect}</p>
<dl>
<dt>${words.azure}</dt>
<dd><code>AZURE_OPENAI_ENDPOINT</code></dd>
<dd><code>AZURE_OPENAI_DEPLOYMENT</code></dd>
<dd><code>AZURE_OPENAI_API_KEY</code> <small>${words.azureKey}</small></dd>
<dt>${words.openai}</dt>
<dd><code>OPENAI_API_KEY</code></dd>
<dd><code>OPENAI_MODEL</code></dd>
<dd><code>OPENAI_BASE_URL</code> <small>${words.openaiUrl}</small></dd>
</dl>`;
}

const list = (items: readonly string[]): Markup => html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
