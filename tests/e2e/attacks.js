// What a hostile page can try on a server of the visitor's machine. Returns what it learnt.
const [target, number] = given;
const one = `${target}/api/secrets/${number}`, all = `${target}/api/secrets`;
const body = '{"name":"planted","value":"planted"}';
const json = {'content-type': 'application/json'}, text = {'content-type': 'text/plain'};
const learnt = {};
const within = (seconds, promise) => Promise.race([
  promise, new Promise(give => setTimeout(() => give('nothing in time'), seconds * 1000))]);
const attempt = async (name, action) => {
  try { learnt[name] = String(await within(3, action())); } catch (error) { learnt[name] = String(error); }
};
const read = async (url, options) => {
  const answer = await fetch(url, options);
  return `${answer.status} ${answer.type} ${await answer.text()}`;
};
const element = (tag, attributes) => () => new Promise(give => {
  const made = Object.assign(document.createElement(tag), attributes);
  made.onload = () => {
    let inside = '';
    try { inside = made.contentDocument.documentElement.outerHTML; } catch (error) { inside = String(error); }
    give(`loaded ${made.naturalWidth ?? ''} ${inside}`);
  };
  made.onerror = () => give('failed');
  document.body.append(made);
});
const form = (method, enctype, action) => () => new Promise(give => {
  const frame = document.createElement('iframe');
  frame.name = `f${Math.random()}`;
  document.body.append(frame);
  const made = Object.assign(document.createElement('form'), {method, enctype, action, target: frame.name});
  const field = document.createElement('input');
  // The classic: one field whose name and value make up a JSON document.
  field.name = '{"name":"planted","value":"planted","x":"'; field.value = '"}';
  made.append(field); document.body.append(made);
  frame.onload = () => { try { give(frame.contentDocument.body.innerText || 'empty'); } catch (error) { give(String(error)); } };
  made.submit();
});

await Promise.all([
  attempt('read its own origin', () => read('/api/secrets')),
  ...['cors', 'no-cors', 'same-origin'].flatMap(mode => [
    attempt(`list, ${mode}`, () => read(all, {mode, credentials: 'include'})),
    attempt(`reveal, ${mode}`, () => read(`${one}/decrypt`, {mode, credentials: 'include'})),
    attempt(`plant as text, ${mode}`, () => read(all, {mode, method: 'POST', body, headers: text})),
    attempt(`plant as JSON, ${mode}`, () => read(all, {mode, method: 'POST', body, headers: json})),
    attempt(`plant without a type, ${mode}`, () => read(all, {mode, method: 'POST', body: new Blob([body])})),
    attempt(`bulk reveal, ${mode}`, () => read(`${all}/decrypt`, {mode, method: 'POST', body: `{"secrets":[${number}]}`, headers: text})),
    attempt(`rotate, ${mode}`, () => read(`${target}/api/keys/rotate`, {mode, method: 'POST'})),
  ]),
  attempt('change', () => read(one, {method: 'PUT', body: '{"value":"planted"}', headers: json})),
  attempt('delete', () => read(`${one}?purge=true`, {method: 'DELETE'})),
  attempt('without a referrer', () => read(`${one}/decrypt`, {referrerPolicy: 'no-referrer', mode: 'no-cors'})),
  attempt('kept alive', () => read(all, {mode: 'no-cors', method: 'POST', body, keepalive: true})),
  attempt('beacon', async () => navigator.sendBeacon(all, new Blob([body], {type: 'text/plain'}))),
  attempt('old request', () => new Promise(give => {
    const request = new XMLHttpRequest();
    request.onloadend = () => give(`${request.status} ${request.responseText}`);
    request.open('GET', `${one}/decrypt`); request.send();
  })),
  attempt('image', element('img', {src: `${one}/decrypt`})),
  attempt('script', element('script', {src: `${one}/decrypt`})),
  attempt('module', () => import(`${one}/decrypt`).then(found => JSON.stringify(found))),
  attempt('style', element('link', {rel: 'stylesheet', href: `${one}/decrypt`})),
  attempt('frame', element('iframe', {src: `${one}/decrypt`})),
  attempt('object', element('object', {data: `${one}/decrypt`})),
  attempt('page of the API in a frame', element('iframe', {src: `${target}/docs`})),
  attempt('form with GET', form('get', 'application/x-www-form-urlencoded', `${one}/decrypt`)),
  attempt('form', form('post', 'application/x-www-form-urlencoded', all)),
  attempt('form that looks like JSON', form('post', 'text/plain', all)),
  attempt('form with parts', form('post', 'multipart/form-data', all)),
  attempt('events', () => new Promise(give => {
    const source = new EventSource(`${one}/decrypt`);
    source.onmessage = event => give(event.data);
    source.onerror = () => { source.close(); give('failed'); };
  })),
  attempt('socket', () => new Promise(give => {
    const address = new URL(`${target || location.origin}/api/secrets`, location.href);
    address.protocol = 'ws:';
    const socket = new WebSocket(address);
    socket.onopen = () => give('open'); socket.onerror = () => give('failed');
  })),
  attempt('window', async () => {
    const opened = window.open(`${one}/decrypt`);
    await new Promise(next => setTimeout(next, 800));
    try { return opened.document.documentElement.outerHTML; } finally { opened?.close(); }
  }),
]);
return learnt;
