// What happens in the browser alone: the colours of charts, the period in the address, the navigation on a phone.
(function () {
  const PERIODS = ["7", "14", "30", "60", "90", "180", "365"];
  const DEFAULT_PERIOD = "30";
  const FACETS = ["project", "type", "team", "component", "label"];
  const FORECAST = { until: /^\d{4}-\d{2}-\d{2}$/, items: /^[1-9]\d{0,4}$/ };
  const READINGS = ["now", "anew", "losses"];
  const PATIENCE = 5000;
  const LONGEST_PATIENCE = 60000;
  let presses = 0;
  const poll = { asked: 0, at: 0, patience: PATIENCE };

  function coloured(part, styles) {
    if (typeof part === "string") {
      const name = /^var\((--[a-z-]+)\)$/.exec(part);
      if (name) return styles.getPropertyValue(name[1]).trim();
      return part === "inherit" ? getComputedStyle(document.body).fontFamily : part;
    }
    if (Array.isArray(part)) return part.map((inner) => coloured(inner, styles));
    if (part && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, coloured(inner, styles)]));
    }
    return part;
  }

  function nextFrame() {
    return new Promise((resolve) => requestAnimationFrame(() => resolve()));
  }

  let lastTurn = Promise.resolve();

  // Charts further down are drawn one after the other while the browser has nothing better to do.
  function idleTurn() {
    const whenIdle = window.requestIdleCallback || ((go) => setTimeout(go, 200));
    lastTurn = lastTurn.then(() => new Promise((resolve) => setTimeout(() => whenIdle(() => resolve()), 250)));
    return lastTurn;
  }

  function inView(id) {
    const names = Object.keys(id).sort().map((name) => JSON.stringify(name) + ":" + JSON.stringify(id[name]));
    const place = document.getElementById("{" + names.join(",") + "}");
    return new Promise((resolve) => {
      const watcher = new IntersectionObserver(
        (entries) => {
          if (entries.some((entry) => entry.isIntersecting)) {
            watcher.disconnect();
            resolve();
          }
        },
        { rootMargin: "300px" }
      );
      watcher.observe(place);
    });
  }

  function withChoice(href, days, ...more) {
    return href.split("?")[0] + "?" + ["days=" + days, ...more].filter(Boolean).join("&");
  }

  function filtersIn(search) {
    const all = new URLSearchParams(search || "");
    return Object.fromEntries(FACETS.map((facet) => [facet, all.getAll(facet).filter((value) => value.trim())]));
  }

  function filterText(filters) {
    return new URLSearchParams(FACETS.flatMap((facet) => filters[facet].map((value) => [facet, value]))).toString();
  }

  function same(some, others) {
    return JSON.stringify([...some].sort()) === JSON.stringify([...others].sort());
  }

  // The values of the address as a box spells them, without those it does not offer.
  function fittingIn(values, offered) {
    const wanted = new Set(values.map((value) => value.trim().toLowerCase()));
    return offered.map((one) => one.value).filter((value) => wanted.has(value.toLowerCase()));
  }

  // A box that was only just drawn holds what the address says, and has chosen nothing.
  function withPicked(filters, picked, offered, boxes) {
    const changed = boxes.flatMap((box, place) => {
      const now = picked[place] || [];
      return same(fittingIn(filters[box.facet], offered[place]), now) ? [] : [[box.facet, now]];
    });
    return { ...filters, ...Object.fromEntries(changed) };
  }

  // What the address asks of a forecast; what it could not mean is passed over.
  function forecastIn(search) {
    const all = new URLSearchParams(search || "");
    const asked = Object.keys(FORECAST).map((what) => [what, all.get(what) || ""]);
    return Object.fromEntries(asked.filter(([what, value]) => FORECAST[what].test(value)));
  }

  // The usual choice needs no place in the address. A box that is emptied has chosen nothing yet.
  function withForecast(asked, values, boxes, usual) {
    const chosen = boxes.flatMap((box, place) => {
      const now = values[place];
      if (now === null || now === undefined || now === "") return [];
      return [[box.what, String(now) === String(usual[place]) ? undefined : String(now)]];
    });
    const all = Object.entries({ ...asked, ...Object.fromEntries(chosen) });
    return Object.fromEntries(all.filter(([_what, value]) => value !== undefined));
  }

  function counted(number, what) {
    return number.toLocaleString("en") + "\u00a0" + what + (number === 1 ? "" : "s") + " ago";
  }

  // The same words as `age_words` on the server.
  function ageWords(since) {
    const minutes = Math.floor((Date.now() - Date.parse(since)) / 60000);
    if (minutes < 1) return "just now";
    if (minutes < 90) return counted(minutes, "minute");
    const hours = Math.floor((minutes + 30) / 60);
    return hours < 48 ? counted(hours, "hour") : counted(Math.floor(hours / 24), "day");
  }

  function triggers() {
    return window.dash_clientside.callback_context.triggered.filter((one) => one.value);
  }

  // The filters close as anything that lies over a page does: by Escape, by a click elsewhere, by going on with Tab.
  // An open list within them is closed first.
  function openFilters() {
    return document.querySelector(".filters[open]");
  }

  function closeFilters(filters, focusBack) {
    filters.open = false;
    if (focusBack) filters.querySelector("summary").focus({ preventScroll: true });
  }

  document.addEventListener(
    "keydown",
    (event) => {
      const filters = event.key === "Escape" && openFilters();
      const lists = filters ? [...filters.querySelectorAll('[role="listbox"]')] : [];
      if (filters && !lists.some((list) => list.offsetParent)) closeFilters(filters, true);
    },
    true
  );
  document.addEventListener(
    "click",
    (event) => {
      const filters = openFilters();
      if (!filters || event.composedPath().includes(filters)) return;
      const unheld = document.activeElement === document.body || filters.contains(document.activeElement);
      closeFilters(filters, unheld);
    },
    true
  );
  document.addEventListener("focusin", (event) => {
    const filters = openFilters();
    if (filters && !filters.contains(event.target)) closeFilters(filters, false);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    sightline: {
      // The scheme attribute of the page is set after the toggle reports it, hence the frame in between.
      drawChart: async function (chart, _scheme, place) {
        await nextFrame();
        await Promise.race([inView(place), idleTurn()]);
        return coloured(chart, getComputedStyle(document.documentElement));
      },

      // Asking again would drop the answer that is on its way, and a slow server would never be heard.
      poll: function (_ticks, answered) {
        const now = performance.now();
        if ((answered || 0) === poll.asked) poll.patience = PATIENCE;
        else if (now - poll.at < poll.patience) return window.dash_clientside.no_update;
        else poll.patience = Math.min(2 * poll.patience, LONGEST_PATIENCE);
        poll.at = now;
        poll.asked += 1;
        return poll.asked;
      },

      // The address decides, unless the person has just chosen: a reload, a link or the Back button keep their period,
      // their filters and what they ask of a forecast.
      address: function (chosen, search, picked, _resets, ahead, offered, boxes, aheadBoxes, aheadUsual, links, known) {
        const none = window.dash_clientside.no_update;
        const pressed = window.dash_clientside.callback_context.triggered;
        const triggered = pressed.map((one) => one.prop_id);
        const byAddress = triggered.includes("location.search");
        const asked = new URLSearchParams(search || "").get("days");
        const inAddress = PERIODS.includes(asked) ? asked : DEFAULT_PERIOD;
        const chosenNow = triggered.includes("period.value") && !byAddress;
        const days = chosenNow ? chosen : inAddress;

        const before = filtersIn(search);
        const reset = pressed.some((one) => one.value && one.prop_id.includes('"type":"filter-reset"'));
        const after = reset ? filtersIn("") : byAddress ? before : withPicked(before, picked, offered, boxes);
        const filters = filterText(after);
        const askedBefore = forecastIn(search);
        const asks = byAddress ? askedBefore : withForecast(askedBefore, ahead, aheadBoxes, aheadUsual);
        const forecast = new URLSearchParams(asks).toString();
        const drawnNow = triggered.some((id) => id.includes('"type":"forecast-choice"'));
        const changed = filters !== filterText(before) || forecast !== new URLSearchParams(askedBefore).toString();
        return [
          days === chosen ? none : days,
          (chosenNow && days !== inAddress) || changed ? withChoice("", days, filters, forecast) : none,
          links.map((href) => withChoice(href, days, filters, forecast)),
          filters === known ? none : filters,
          boxes.map((box, place) => {
            const fitting = fittingIn(after[box.facet], offered[place]);
            return same(fitting, picked[place] || []) ? none : fitting;
          }),
          aheadBoxes.map((box, place) => {
            const value = asks[box.what] || aheadUsual[place];
            // What hangs on a box that was only just drawn waits for an answer, were it the same.
            if (!byAddress) return drawnNow ? ahead[place] : none;
            if (String(value) === String(ahead[place])) return none;
            return box.what === "items" ? Number(value) : value;
          }),
        ];
      },

      // Buttons that are drawn anew arrive here too, as events that nobody caused. Were they to reach the server, they
      // would drop the answer to a press that is on its way.
      pressed: function () {
        const button = triggers()[0];
        if (!button) return window.dash_clientside.no_update;
        const id = button.prop_id.slice(0, -".n_clicks".length);
        presses += 1;
        return { button: id.startsWith("{") ? JSON.parse(id) : id, number: presses };
      },

      // Both diagrams are there; choosing needs no answer of the server.
      flowBands: function (choice, diagrams) {
        return [diagrams[choice] || diagrams.category, "flow-by-" + (diagrams[choice] ? choice : "category")];
      },

      // One choice in several places: the one that was just made, else the one that is kept.
      benchmark: function (chosen, kept) {
        const none = window.dash_clientside.no_update;
        const made = triggers().filter((one) => one.prop_id.includes('"type":"benchmark-group"'));
        const group = made.length === 1 ? made[0].value : kept;
        return [group === kept ? none : group, chosen.map((one) => (!group || one === group ? none : group))];
      },

      syncLine: function (facts, _tick) {
        if (!facts) return [window.dash_clientside.no_update, window.dash_clientside.no_update];
        const words = facts.pieces.map((piece) => (typeof piece === "string" ? piece : ageWords(piece.since))).join("");
        return [words, "sync-line tone-" + facts.tone];
      },

      // Every order is told from every other, because the server would take equal ones for the same work.
      // While a reading is on there is nothing to order: the server would end it for the new one.
      order: function (_clicks, facts, last, done) {
        const pending = last && (!done || done.nonce !== last.nonce) && Date.now() - last.at < 15000;
        if (pending || (facts && facts.tone === "busy")) return window.dash_clientside.no_update;
        const pressed = triggers().map((one) => JSON.parse(one.prop_id.slice(0, -".n_clicks".length)).what);
        const what = pressed.find((name) => READINGS.includes(name));
        if (!what) return window.dash_clientside.no_update;
        return { what: what, at: Date.now(), nonce: crypto.getRandomValues(new Uint32Array(4)).join("-") };
      },

      confirm: function () {
        const pressed = triggers();
        if (!pressed.length) return window.dash_clientside.no_update;
        return pressed.some((one) => one.prop_id.includes('"type":"ask"'));
      },

      navigation: function (opened, _pathname, navbar) {
        const triggered = window.dash_clientside.callback_context.triggered.map((one) => one.prop_id);
        const open = opened && !triggered.some((id) => id.startsWith("location."));
        return [{ ...navbar, collapsed: { mobile: !open } }, open];
      },
    },
  });
})();
