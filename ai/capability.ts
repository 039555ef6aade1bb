/** What deployments of a model service can be asked for. */
export const capabilities = ['chat', 'code', 'summarize', 'translate', 'embeddings', 'images', 'transcribe', 'speak', 'moderate'] as const;

export type Capability = (typeof capabilities)[number];
