import { pictureTypeOf, soundTypeOf } from '../../ai/mediaType';
import { mp3Of, pngOf, soundHeads, wavOf } from '../helpers/sampleMedia';

test.each([
  ['PNG', pngOf(2, 2), 'image/png'],
  ['JPEG', Buffer.from('ffd8ffe000104a46', 'hex'), 'image/jpeg'],
  ['WebP', Buffer.from('RIFF\0\0\0\0WEBPVP8 '), 'image/webp'],
  ['GIF', Buffer.from('GIF89a\0\0'), 'image/gif'],
  ['SVG, which can run scripts', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
  ['HTML', Buffer.from('<!doctype html>'), undefined],
  ['a recording', wavOf(0.1), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('a picture is told by its bytes: %s', (_name, bytes, type) => {
  expect(pictureTypeOf(bytes)).toBe(type);
});

test.each([
  ['FLAC', soundHeads.flac, 'flac'],
  ['M4A, and MP4', soundHeads.m4a, 'm4a'],
  ['MP3', mp3Of(0.1), 'mp3'],
  ['MP3 with a title', soundHeads.tagged, 'mp3'],
  ['Ogg, Opus in it or Vorbis', soundHeads.ogg, 'ogg'],
  ['WAV', wavOf(0.1), 'wav'],
  ['WebM, as browsers record', soundHeads.webm, 'webm'],
  ['AAC without a container', Buffer.from('fff15080', 'hex'), undefined],
  ['Matroska that is no WebM', Buffer.concat([Buffer.from('1a45dfa3', 'hex'), Buffer.from('matroska'), Buffer.alloc(40)]), undefined],
  ['text', Buffer.from('Hello there, how are you?'), undefined],
  ['a picture', pngOf(2, 2), undefined],
  ['UTF-16 with its mark', Buffer.from('fffe480065006c00', 'hex'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
])('a recording is told by its bytes: %s', (_name, bytes, extension) => {
  expect(soundTypeOf(bytes)?.extension).toBe(extension);
});
