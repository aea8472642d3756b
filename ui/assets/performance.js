// What the page about Sightline's own performance does in the browser alone: its span, its looks, the order of a table.
(function () {
  const SPANS = ["1", "7", "30", "90"];
  const USUAL = "7";
  const SLOWLY = 4;
  const OVERDUE = 20000;
  const PATIENCE = 30000;
  let sorted = null;
  let answered = { clock: null, at: 0 };
  let looks = 0;
  let questions = 0;
  const last = { often: { look: 0, at: 0 }, seldom: { look: 0, at: 0 } };

  function pressed() {
    return window.dash_clientside.callback_context.triggered.filter((one) => one.value);
  }

  // A part of the page that is filled anew loses its focus, its folds and what is marked in it.
  function inUse(part) {
    const marked = window.getSelection();
    return (
      part.querySelector(":focus-visible, details[open]") ||
      (marked && !marked.isCollapsed && part.contains(marked.anchorNode)) ||
      [...part.querySelectorAll(".table-scroll")].some((frame) => frame.scrollLeft || frame.scrollTop)
    );
  }

  function held() {
    return [...document.querySelectorAll(".watch-body")].filter(inUse).map((part) => part.id.slice("watch-".length));
  }

  // A new look makes the browser forget the one before: where answers take longer than that, none would ever be shown.
  function outstanding(which, seen) {
    return Date.now() - which.at < PATIENCE && seen.some((one) => !one || one.look < which.look);
  }

  // The buttons that sort are made anew with the rows: the new one takes the focus of the old one.
  new MutationObserver(() => {
    const button = sorted && document.getElementById(sorted.id);
    if (!button || button === sorted.button) return;
    button.focus({ preventScroll: true });
    const frame = button.closest(".table-scroll");
    if (frame) frame.scrollLeft = sorted.left;
    sorted = null;
  }).observe(document, { childList: true, subtree: true });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    watch: {
      // The address decides, unless the person has just chosen; what else the address says is left in it.
      span: function (chosen, search) {
        const none = window.dash_clientside.no_update;
        const triggered = window.dash_clientside.callback_context.triggered.map((one) => one.prop_id);
        const parameters = new URLSearchParams(search || "");
        const inAddress = SPANS.includes(parameters.get("span")) ? parameters.get("span") : USUAL;
        if (triggered.includes("watch-span.value") && !triggered.includes("location.search")) {
          parameters.set("span", chosen);
          // Not an output: the address is on every page, this event only where the span is chosen.
          if (chosen !== inAddress) window.dash_clientside.set_props("location", { search: "?" + parameters });
          return none;
        }
        return inAddress === chosen ? none : inAddress;
      },

      // A tab that nobody sees asks nothing, nor does a page beneath a dialog, which gives its focus back.
      look: function (ticks, now, trend, routes, work, care) {
        const none = window.dash_clientside.no_update;
        if (ticks === 1) last.often = last.seldom = { look: 0, at: Date.now() };
        if (document.hidden || document.querySelector('[role="dialog"]')) return [none, none];
        if (outstanding(last.often, [now, trend, routes])) return [none, none];
        looks += 1;
        const look = { look: looks, held: held() };
        last.often = { look: looks, at: Date.now() };
        if (looks % SLOWLY || outstanding(last.seldom, [work, care])) return [look, none];
        last.seldom = last.often;
        return [look, look];
      },

      pause: function (clicks) {
        const paused = clicks % 2 === 1;
        return [paused, paused ? "Go on" : "Pause"];
      },

      line: function (told, _ticks, paused) {
        if (!told) return ["Being measured", "verdict tone-calm live-line"];
        if (told.clock !== answered.clock) answered = { clock: told.clock, at: Date.now() };
        if (paused) return ["Paused, as of " + told.clock, "verdict tone-calm live-line"];
        const silent = Date.now() - answered.at;
        if (silent > OVERDUE && !document.hidden) {
          return ["No answer for " + Math.round(silent / 1000) + " s, as of " + told.clock, "verdict tone-warn live-line"];
        }
        return ["Live, as of " + told.clock, "verdict tone-good live-line"];
      },

      // New rows arrive here too, as events that nobody caused. The same may be asked again.
      ask: function (_rows, _clicks, _enters, typed) {
        const question = pressed()[0];
        const row = question && question.prop_id.startsWith("{");
        const reference = row ? JSON.parse(question.prop_id.slice(0, -".n_clicks".length)).request : (typed || "").trim();
        if (!question || !reference) return window.dash_clientside.no_update;
        questions += 1;
        return { reference: reference, number: questions };
      },

      order: function (_clicks, order) {
        const button = pressed()[0];
        if (!button) return window.dash_clientside.no_update;
        const id = button.prop_id.slice(0, -".n_clicks".length);
        const column = JSON.parse(id).column;
        const old = document.getElementById(id);
        const frame = old && old.closest(".table-scroll");
        sorted = { id: id, button: old, left: frame ? frame.scrollLeft : 0 };
        const now = order || { column: "p95_ms", falling: true, every: false };
        if (column === "every") return { ...now, every: !now.every };
        const falling = now.column === column ? !now.falling : column !== "route";
        return { ...now, column: column, falling: falling };
      },
    },
  });
})();
