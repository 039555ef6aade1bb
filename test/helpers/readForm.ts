/** The fields of a multipart body, each file as `binary`, and its `file`. */
export async function readForm(bytes: Buffer<ArrayBuffer>, contentType = ''): Promise<{ readonly body: Readonly<Record<string, string>>; readonly file: File | undefined }> {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- undici warns of large bodies from strangers; these are small, and our own
  const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData();
  const file = form.get('file');
  const body = Object.fromEntries([...form.entries()].map(([name, value]) => [name, typeof value === 'string' ? value : 'binary']));
  return { body, file: file instanceof File ? file : undefined };
}
