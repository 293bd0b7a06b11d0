// Gradio's client lets go of the stream of results once nothing is waited for, and does not look whether something
// was sent just then: that would never be told. So the client hears that a question is in the queue only once the
// stream has told of it, or has ended: then the client opens another.
(() => {
  const LONGEST_MS = 5000;
  const given = window.fetch;
  const streams = new Set();

  const pathOf = (input) => new URL(input instanceof Request ? input.url : input, location.href).pathname;

  // From when it is asked for: what was sent before it has come is told in it, too.
  async function follow(asked) {
    const stream = { told: new Set(), waiting: new Map() };
    let rest = "";
    streams.add(stream);
    try {
      const reader = (await asked).clone().body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        rest += part.value;
        for (const [, event] of rest.matchAll(/"event_id":\s*"(\w+)"/g)) {
          stream.told.add(event);
          stream.waiting.get(event)?.();
        }
        rest = rest.slice(-100); // a name may come in two parts
      }
    } catch {
      // The client, or the page, has let go of it.
    }
    streams.delete(stream);
    for (const go of stream.waiting.values()) go();
  }

  const isTold = (stream, event) =>
    new Promise((go) => (stream.told.has(event) ? go() : stream.waiting.set(event, go)));

  async function beTold(response) {
    const { event_id: event } = await response.json();
    const late = new Promise((go) => setTimeout(go, LONGEST_MS));
    await Promise.race([late, Promise.all([...streams].map((one) => isTold(one, event)))]);
  }

  window.fetch = async (input, init) => {
    const path = pathOf(input);
    const asked = given(input, init);
    if (path.endsWith("/queue/data")) follow(asked);
    const response = await asked;
    if (path.endsWith("/queue/join") && response.ok) {
      await beTold(response.clone()).catch(() => {}); // no event: the client says so
    }
    return response;
  };
})();
