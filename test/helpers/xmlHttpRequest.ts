/** As much of the browser's XMLHttpRequest as DirectLineJS (RxJS 5 ajax) uses, over fetch. */
export class FetchXmlHttpRequest {
  readyState = 0;
  status = 0;
  response: unknown;
  responseText = '';
  responseType = '';
  timeout = 0;
  withCredentials = false;
  onreadystatechange?: () => void;
  onerror?: (event: object) => void;
  ontimeout?: (event: object) => void;
  onload?: (event: object) => void;
  readonly upload = {};

  private method = 'GET';
  private url = '';
  private readonly headers: Record<string, string> = {};
  private readonly abortion = new AbortController();
  private responseHeaders = new Headers();

  open(method: string, url: string): void {
    this.method = method;
    this.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  getResponseHeader(name: string): string | null {
    return this.responseHeaders.get(name);
  }

  abort(): void {
    this.abortion.abort();
  }

  send(body?: RequestInit['body']): void {
    void this.load(body).catch((error: unknown) => {
      if (this.abortion.signal.aborted) return;
      this.readyState = 4;
      this.onerror?.({ type: 'error', error });
    });
  }

  private async load(body: RequestInit['body'] | undefined): Promise<void> {
    const response = await fetch(this.url, { method: this.method, headers: this.headers, body: body ?? null, signal: this.abortion.signal });
    this.status = response.status;
    this.responseHeaders = response.headers;
    if (this.responseType === 'arraybuffer') this.response = await response.arrayBuffer();
    else this.read(await response.text());
    this.readyState = 4;
    this.onreadystatechange?.();
    this.onload?.({ type: 'load' });
  }

  private read(text: string): void {
    this.responseText = text;
    this.response = this.responseType === 'json' ? JSON.parse(text === '' ? 'null' : text) : text;
  }
}
