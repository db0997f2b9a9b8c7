/** The key in the URL of a request, bucket in the path. A URL object would go up at `..` and down again. */
export function requestKey(url = ''): string {
  const [path = ''] = url.split('?', 1);
  return decodeURIComponent(path.split('/').slice(2).join('/'));
}
