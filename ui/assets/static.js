// Draws markup without events as one component. Text stays text, and an address that could run a script leads nowhere.
(function () {
  function drawn(part) {
    if (Array.isArray(part)) return part.map(drawn);
    if (part === null || typeof part !== "object") return part;
    const { tag, children, ...own } = part;
    if (own.href) own.href = window.dash_clientside.clean_url(own.href);
    return window.React.createElement(tag, own, ...[drawn(children)].flat(Infinity));
  }

  window.sightline = { Static: ({ body }) => drawn(body) };
})();
