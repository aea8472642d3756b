// What the page about Sightline's own performance does in the browser alone: its span, its looks, the order of a table.
(function () {
  const SPANS = ["1", "7", "30", "90"];
  const USUAL = "7";
  const SLOWLY = 4;
  const OVERDUE = 20000;
  let answered = { clock: null, at: 0 };
  let looks = 0;

  function pressed() {
    return window.dash_clientside.callback_context.triggered.filter((one) => one.value);
  }

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

      // A tab that nobody sees asks nothing.
      look: function (_ticks) {
        if (document.hidden) return [window.dash_clientside.no_update, window.dash_clientside.no_update];
        looks += 1;
        return [looks, looks % SLOWLY === 0 ? looks : window.dash_clientside.no_update];
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

      order: function (_clicks, order) {
        const button = pressed()[0];
        if (!button) return window.dash_clientside.no_update;
        const column = JSON.parse(button.prop_id.slice(0, -".n_clicks".length)).column;
        const now = order || { column: "p95_ms", falling: true, every: false };
        if (column === "every") return { ...now, every: !now.every };
        const falling = now.column === column ? !now.falling : column !== "route";
        return { ...now, column: column, falling: falling };
      },
    },
  });
})();
