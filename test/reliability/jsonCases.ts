/** Texts at the edges of JSON's grammar (RFC 8259), of the kinds that nst/JSONTestSuite collects: bytes where they are not UTF-8. */
export interface JsonCases {
  /** Every parser must take these. */
  readonly valid: readonly (string | Buffer)[];
  /** No parser may take these. */
  readonly invalid: readonly (string | Buffer)[];
  /** Parsers may do either. */
  readonly open: readonly (string | Buffer)[];
}

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const inString = (hex: string): Buffer => Buffer.concat([Buffer.from('["'), bytes(hex), Buffer.from('"]')]);
const nested = (open: string, depth: number, close = ''): string => open.repeat(depth) + close.repeat(depth);

const numbers = [
  '0', '-0', '1', '-1', '10', '123', '123456789', '-123', '0.1', '-0.1', '1.5', '10.01', '0e1', '0e+1', '0E1', '1e0', '1e1', '1E1', '1e+1', '1E+1', '1e-1', '1E-1', '1.5e3', '-1.5e-3',
  '123.456e78', '20e1', '0.00000000000000000000000000000000000000000000000000000000000001', '-0.0', '123e65', '1E22', '-9223372036854775808', '18446744073709551616', '1.7976931348623157e308', '5e-324',
];
const strings = [
  '', 'a', ' ', 'asd ', '\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', '\\u0000', '\\u0012', '\\u0060\\u012a\\u12AB', '\\uD801\\udc37', '\\ud83d\\ude39\\ud83d\\udc8d', '\\uDBFF\\uDFFF', '\\uFFFF', '\\uFDD0',
  '\\uFFFE', '\\u005C', '\\u0022', '\\u002c', '\\u2028', '\\u2029', '\\u200B', '\\u2064', '\\u00A0', '\\uA66D', '\\\\a', '\\\\n', 'a/*b*/c/*d//e', '\u2028', '\u2029', '\u007f', '\u00ff', 'é', '⍂㈴⍂', '😀', '\uFEFF', 'π', '\u{10FFFF}', '￿', '\u200b', '\u0080', 'new\u00A0line',
];
const structures = [
  '[]', '{}', '[[]]', '[[],[]]', '[{}]', '[""]', '[null]', '[true]', '[false]', '[1,null,2]', '[null,null,null]', ' [1]', '[1] ', '[1\n]', '\t[\r\n1 , 2\t]\n', '{"":0}', '{"a":[]}', '{"a":"b","a":"c"}', '{"a":"b","a":"b"}',
  '{"a":{"b":{"c":{}}}}', '{"min":-1.0e+28,"max":1.0e+28}', '{"\\u0000":1}', '{"foo\\u0000bar":42}', '{"x":[{"id":"x"}],"id":"y"}', '{"\u2028":1}', '"lonely"', '42', '-0.1', 'null', 'true', 'false', '""', nested('[', 400, ']'),
  `${nested('{"a":', 400)}1${'}'.repeat(400)}`, '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '{"toString":1}',
];

const badNumbers = [
  '-', '+1', '++1', '+Inf', '-Infinity', 'Infinity', 'NaN', '-NaN', 'Inf', '01', '-01', '00', '-012', '012', '-2.', '2.', '.1', '-.1', '.-1', '0.e1', '2.e3', '2.e+3', '2.e-3', '1.', '1.e', '1e', '1e+', '1e-', '1eE2', '0e', '0e+', '0E', '0E+', '0.3e', '0.3e+', '1.0e',
  '1.0e+', '1.0e-', '9.e+', '1 000', '1_000', '0x1', '0x42', '0xF', '0b1', '0o7', '-foo', '- 1', '-1x', '1.2a', '1.2.3', '1a', '1e1.5', '１', '1/2', '0.1.2', '--1', '1+2', '1n', '1f', '٣', '-00.0', '-00e0', '00.0', '00e0',
];
const badStrings = [
  '"', "'", '"a', 'a"', "'a'", '"\\"', '"\\', '"\\u', '"\\u0', '"\\u00', '"\\u000', '"\\u00A', '"\\uD834\\Dd', '"\\uD800\\u', '"\\uD800\\u1', '"\\uD800\\u1x"', '"\\x00"', '"\\a"', '"\\0"', '"\\v"', '"\\8"', '"\\012"', '"\\ "', '"\\\\\\"', '"\\😀"', '"\\u{41}"', '"\\U0041"', '"\\uQQQQ"',
  '"\n"', '"\t"', '"\0"', '"\u0001"', '"\u001f"', '"a\rb"', 'abc', '“a”', '`a`', '\\u0020"a"', '"a" "b"', '"a"b', '"\\u00g0"', '"\\-"', '"\\\n"', '&quot;a&quot;', '"\\u 041"', '"\\u+041"',
];
const badStructures = [
  '', ' ', '\n', '[', ']', '{', '}', ',', ':', '[,', '[1', '[1,', '[1,]', '[,1]', '[1,,2]', '[,]', '["",]', '[""', '["a', '["a",', '[1 2]', '[1:2]', '["a":1]', '[1]]', '[[1]', '[1}', '[1;2]', '[(1)]', '[1,\n1\n,1', '[\n1,\n1', '[nul', '[tru', '[fals', '[nulll]', '[True]', '[NULL]', '[undefined]',
  '[-]', '[*]', '[a', '[a,b]', '[#]', '[1]x', '[1],', 'x[1]', '[1] [2]', '[1]//c', '[1]/*c*/', '/*c*/[1]', '[1,/*c*/2]', '[1,//c\n2]', '#c\n[1]', '<!--c-->[1]', '{"a"}', '{"a":}', '{"a":1', '{"a":1,', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a":1 "b":2}', '{"a" 1}', '{"a"::1}', '{"a":1:2}', "{'a':1}", '{a:1}', '{1:1}', '{null:1}',
  '{[]:1}', '{"a":"b"}}', '{"a":"b"}#', '{"a":"b"}/**/', '{"a":"b"}//', '{"a":1]', '{"a":[}', '[{]', '{"a":true,"b"', '{"a":a}', '{"a"', '{"a', '{"', '{:1}', '{:', '{"":', '{"a":/*c*/1}', '{"a":b"', '{"x", null}', '{"x"::"b"}', '{é:1}', '{"a":"a" 123}', '{"a":"a',
  '<.>', '[<null>]', '*', '@', '%', '\\', '~', '​[1]', '\u00a0[1]', '\f[1]', '\v[1]', '\u2060[]', '\u0085[1]', '[\u00a01]', '[1\u3000]', 'é', '[\f]', '[1\v]', '\\u005b\\u005d', '﻿ x', 'function(){}', '{"a":function(){}}', '{}{}', '[][]', '1 2', 'true false', 'nan', 'None', 'yes', '{...a}', '[...a]', '${a}', '{"a":`b`}',
  nested('[', 100_000), nested('{"a":', 50_000), nested('[{"":', 20_000), '[1e', '["\\u00', '{"a":1e}', '{"$ref":}',
];

/** Bytes that are no UTF-8, each inside a string: this host takes none of them. */
const badBytes = [
  'ff', 'fe', 'c0 af', 'c3', 'c3 28', 'e2 28 a1', 'e2 82', 'f0 28 8c bc', 'f4 90 80 80', 'ed a0 80', 'ed bf bf', 'fc 83 bf bf bf bf', '80', 'bf', 'e0 ff', 'f8 88 80 80 80', 'e6 97 a5 d1 88 fa', 'e0 80 80', 'eb',
].map(inString);
const otherEncodings = [bytes('ff fe 5b 00 5d 00'), bytes('fe ff 00 5b 00 5d'), bytes('5b 00 5d 00'), bytes('00 5b 00 5d'), bytes('00'), bytes('e5'), bytes('5b e5 5d'), bytes('5b ff 5d'), bytes('31 e5'), bytes('7b 22 b9 22 3a 30 7d'), bytes('5b 22 00 22 5d'), bytes('5b 61 00 5d')];

/** Numbers beyond every range, halves of pairs, a byte order mark, and depths that some stacks do not hold. */
const open = [
  '[1e400]', '[-1e400]', '[1e-400]', '[123123e100000]', '[-123123e100000]', '[1.5e+9999]', '[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006]', '[-1e+9999]', '[123456789012345678901234567890]', '[-123123123123123123123123123123]', '[100000000000000000000]', '[0.1234567890123456789012345678901234567890]',
  '["\\uD800"]', '["\\uDC00"]', '["\\uDADA"]', '["\\uD888\\u1234"]', '["\\uD800\\uD800"]', '["\\uD800\\n"]', '["\\uDd1ea"]', '["\\uD800abc"]', '["\\ud800"]', '["\\uDFAA"]', '["\\uDd1e\\uD834"]', '["\\uD800\\u0041"]', '["\\uDBFF"]', '{"\\uDFAA":0}',
  '\uFEFF{}', '\uFEFF[]', nested('[', 500, ']'), nested('[', 1_001, ']'), nested('[', 5_000, ']'), `${nested('{"a":', 2_000)}1${'}'.repeat(2_000)}`, nested('[', 20_000, ']'), `[${'1,'.repeat(100_000)}1]`, `["${'\\u0041'.repeat(20_000)}"]`,
];

export const jsonCases: JsonCases = {
  valid: [...numbers.map((number) => `[${number}]`), ...strings.map((string) => `["${string}"]`), ...structures],
  invalid: [...badNumbers.map((number) => `[${number}]`), ...badStrings.map((string) => `[${string}]`), ...badStructures, ...badBytes, ...otherEncodings],
  open,
};
