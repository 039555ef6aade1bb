import { readTokens, type Token } from './bicepTokens';

export type Expression =
  | { readonly kind: 'text'; readonly texts: readonly string[]; readonly filled: readonly Expression[] }
  | { readonly kind: 'number' | 'name'; readonly text: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'call'; readonly of: Expression; readonly given: readonly Expression[] }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly properties: readonly Property[]; readonly nested: readonly Declaration[] }
  | { readonly kind: 'lambda'; readonly names: readonly string[]; readonly body: Expression }
  | { readonly kind: 'loop'; readonly names: readonly string[]; readonly over: Expression; readonly body: Expression }
  | { readonly kind: 'operation'; readonly parts: readonly Expression[] };

export interface Property {
  readonly key: string;
  readonly value: Expression;
  readonly line: number;
}

export interface Declaration {
  readonly kind: 'param' | 'var' | 'resource' | 'module' | 'output' | 'type';
  readonly name: string;
  /** `secure`, `description`, … */
  readonly decorators: readonly string[];
  readonly type?: Expression;
  readonly value?: Expression;
  readonly condition?: Expression;
  /** Of a resource its type with version, of a module its path. */
  readonly reference?: string;
  readonly isExisting: boolean;
  readonly line: number;
}

export interface BicepFile {
  readonly targetScope: string;
  readonly imports: readonly { readonly names: readonly string[]; readonly path: string }[];
  /** Of a file of parameters: what it is for. */
  readonly using: string | undefined;
  readonly declarations: readonly Declaration[];
}

/** Reads a file. Throws, with the line, where it is not in the form of Bicep. */
export const parseBicep = (source: string): BicepFile => new Parser(readTokens(source)).file();

const comparing = ['??', '||', '&&', '==', '!=', '>=', '<=', '=~', '*', '+', '-', '/', '%', '<', '>', '|'];

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  file(): BicepFile {
    let [targetScope, using]: [string, string | undefined] = ['resourceGroup', undefined];
    const imports: BicepFile['imports'][number][] = [];
    const declarations: Declaration[] = [];
    while (this.pastLines().kind !== 'end') {
      if (this.take('targetScope')) targetScope = this.after('=', () => this.plainText());
      else if (this.take('using')) using = this.plainText();
      else if (this.take('import')) imports.push({ names: this.importedNames(), path: this.after('from', () => this.plainText()) });
      else declarations.push(this.declaration());
      if (!this.is('newline') && !this.is('end')) this.fail('a new line');
    }
    return { targetScope, using, imports, declarations };
  }

  private importedNames(): string[] {
    this.expect('{');
    const names = [this.name()];
    while (this.take(',')) names.push(this.name());
    this.expect('}');
    return names;
  }

  private declaration(): Declaration {
    const decorators: string[] = [];
    while (this.take('@')) {
      decorators.push(this.name());
      this.expect('(');
      this.list(')');
      this.skipLines();
    }
    const { line } = this.token;
    const kind = this.name() as Declaration['kind'];
    const name = this.name();
    const shared = { kind, decorators, isExisting: false, line };
    if (kind === 'resource' || kind === 'module') return { ...shared, name, ...this.deployed() };
    if (kind === 'var' || kind === 'type') return { ...shared, name, value: this.after('=', () => this.expression()) };
    if (!['param', 'output'].includes(kind)) this.fail('param, var, type, resource, module or output');
    const type = this.is('=') ? undefined : this.expression();
    return { ...shared, name, ...(type && { type }), ...(this.take('=') && { value: this.expression() }) };
  }

  private deployed(): Pick<Declaration, 'reference' | 'isExisting' | 'value'> & { condition?: Expression } {
    const reference = this.plainText();
    const isExisting = this.take('existing');
    this.expect('=');
    let condition: Expression | undefined;
    if (this.take('if')) {
      this.expect('(');
      condition = this.expression();
      this.expect(')');
    }
    return { reference, isExisting, value: this.expression(), ...(condition && { condition }) };
  }

  private expression(): Expression {
    let parts = [this.unary()];
    while (comparing.some((mark) => this.take(mark))) parts = [...parts, this.unary()];
    const tested: Expression = parts.length === 1 && parts[0] ? parts[0] : { kind: 'operation', parts };
    if (!this.takeOnNextLine('?')) return tested;
    this.skipLines();
    const then = this.expression();
    if (!this.takeOnNextLine(':')) this.fail(':');
    this.skipLines();
    return { kind: 'operation', parts: [tested, then, this.expression()] };
  }

  private unary(): Expression {
    if (this.take('!') || this.take('-')) return { kind: 'operation', parts: [this.unary()] };
    let expression = this.primary();
    for (;;) {
      if (this.take('.') || this.take('.?') || this.take('::')) expression = { kind: 'member', of: expression, name: this.name() };
      else if (this.take('(')) expression = { kind: 'call', of: expression, given: this.list(')') };
      else if (this.take('[')) expression = this.take(']') ? expression : { kind: 'index', of: expression, at: this.closed(']') };
      else if (!this.take('!')) return expression;
    }
  }

  private closed(mark: string): Expression {
    const expression = this.expression();
    this.expect(mark);
    return expression;
  }

  private primary(): Expression {
    const { token } = this;
    if (token.kind === 'string') {
      this.at += 1;
      return { kind: 'text', texts: token.texts, filled: token.sources.map((source) => new Parser(readTokens(source)).closedExpression()) };
    }
    if (this.take('{')) return this.object();
    if (this.take('[')) return this.arrayOrLoop();
    if (this.take('(')) return this.parenthesis();
    if (token.kind !== 'name' && token.kind !== 'number') this.fail('an expression');
    this.at += 1;
    if (!this.take('=>')) return { kind: token.kind, text: token.text };
    this.skipLines();
    return { kind: 'lambda', names: [token.text], body: this.expression() };
  }

  closedExpression(): Expression {
    const expression = this.expression();
    if (!this.is('end')) this.fail('the end of what is filled in');
    return expression;
  }

  /** `(a, b) => …`, or what it says. */
  private parenthesis(): Expression {
    const parts = this.list(')');
    if (this.take('=>')) return { kind: 'lambda', names: parts.map((part) => ('text' in part ? part.text : this.fail('a name'))), body: this.expression() };
    return parts.length === 1 && parts[0] ? parts[0] : this.fail('one expression');
  }

  private object(): Expression {
    const [properties, nested]: [Property[], Declaration[]] = [[], []];
    while (!this.ends('}')) {
      if (this.is('resource')) nested.push(this.declaration());
      else properties.push(this.property());
    }
    return { kind: 'object', properties, nested };
  }

  private property(): Property {
    // decorators of a property of a type
    while (this.take('@')) {
      this.name();
      this.expect('(');
      this.list(')');
      this.skipLines();
    }
    const { token } = this;
    const key = token.kind === 'string' ? token.texts.join('$') : token.text;
    this.at += 1;
    this.expect(':');
    return { key, value: this.expression(), line: token.line };
  }

  private arrayOrLoop(): Expression {
    this.skipLines();
    if (this.take('for')) {
      const names = this.take('(') ? this.list(')').map((part) => ('text' in part ? part.text : this.fail('a name'))) : [this.name()];
      this.expect('in');
      const over = this.expression();
      this.expect(':');
      const body = this.take('if') ? this.conditionalBody() : this.expression();
      this.skipLines();
      this.expect(']');
      return { kind: 'loop', names, over, body };
    }
    return { kind: 'array', items: this.list(']') };
  }

  private conditionalBody(): Expression {
    this.expect('(');
    const condition = this.closed(')');
    return { kind: 'operation', parts: [condition, this.expression()] };
  }

  private list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.ends(end)) items.push(this.expression());
    return items;
  }

  private get token(): Token {
    return this.tokens[this.at] ?? { kind: 'end', text: '', line: 0 };
  }

  private is(text: string): boolean {
    const { token } = this;
    return token.kind === text || (token.kind !== 'string' && token.text === text);
  }

  private take(text: string): boolean {
    const isIt = this.is(text);
    if (isIt) this.at += 1;
    return isIt;
  }

  /** A question goes on in the next line where that begins with its mark. */
  private takeOnNextLine(text: string): boolean {
    const start = this.at;
    this.skipLines();
    if (this.take(text)) return true;
    this.at = start;
    return false;
  }

  private after<Read>(mark: string, read: () => Read): Read {
    this.expect(mark);
    return read();
  }

  private expect(text: string): void {
    if (!this.take(text)) this.fail(text);
  }

  private name(): string {
    const { token } = this;
    if (token.kind !== 'name') this.fail('a name');
    this.at += 1;
    return token.text;
  }

  private plainText(): string {
    const { token } = this;
    if (token.kind !== 'string' || token.sources.length > 0) return this.fail('a text');
    this.at += 1;
    return token.texts[0] ?? '';
  }

  private skipLines(): void {
    while (this.is('newline')) this.at += 1;
  }

  private pastLines(): Token {
    this.skipLines();
    return this.token;
  }

  private ends(mark: string): boolean {
    while (this.is('newline') || this.is(',')) this.at += 1;
    return this.take(mark);
  }

  private fail(wanted: string): never {
    throw new Error(`Line ${this.token.line}: here stands ${JSON.stringify(this.token.text)}, and not ${wanted}.`);
  }
}
