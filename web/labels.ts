import type { PageWords } from './pageData';
import type { Activity, ActivityMiddleware } from './webChat';

/** Web Chat 4.18.1 does not show what Teams does: that a message was written by AI, or quotes a source. This puts it above the message. */
export function labelMiddleware(words: PageWords['label']): ActivityMiddleware {
  return () => (next) => (options) => {
    const render = next(options);
    const kind = labelOf(options.activity);
    if (!render || !kind) return render;
    return (...parts) => labelled(words[kind], kind, render(...parts));
  };
}

/** `additionalType` of the root message entity: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content */
function labelOf({ entities = [] }: Activity): 'ai' | 'quotes' | undefined {
  const types = entities.filter(({ type }) => type === 'https://schema.org/Message').flatMap(({ additionalType }) => additionalType);
  if (types.includes('AIGeneratedContent')) return 'ai';
  return types.includes('Quotation') ? 'quotes' : undefined;
}

const labelled = (text: string, kind: string, message: unknown): object =>
  element('div', { className: 'labelled', children: [
    element('span', { className: `label label-${kind}`, children: text }, 'label'),
    element('div', { children: message }, 'message'),
  ] });

/** What React 16's createElement returns. Web Chat holds React without handing it out, and one element needs no second copy. */
function element(type: string, props: object, key: string | null = null): object {
  return { $$typeof: Symbol.for('react.element'), type, key, ref: null, props, _owner: null };
}
