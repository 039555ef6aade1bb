const CHARACTERS_PER_TOKEN = 4; // OpenAI's rule of thumb for English; other alphabets come out about the same or shorter

/** About how many tokens a text takes. Chinese, Japanese and Korean count one a character: close, and never far too low. */
export function estimateTokens(text: string): number {
  const wide = text.match(/[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]/g)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / CHARACTERS_PER_TOKEN);
}
