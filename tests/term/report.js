/* report.js - what a browser made of a report: check-report.sh puts it at the
 * end of a copy of the page, and reads the lines that it leaves there. */
onload = function () {
    var lines = [], root = document.documentElement;
    function tell() {
        lines.push(Array.prototype.join.call(arguments, '\t'));
    }
    function cells(row) {
        return Array.from(row.cells, c => c.textContent.trim());
    }
    tell('width', root.scrollWidth, innerWidth);
    tell('ground', getComputedStyle(document.body).color);
    document.querySelectorAll('a[href]').forEach(function (a) {
        var to = a.getAttribute('href');
        var place = to[0] == '#' && document.getElementById(to.slice(1));
        tell('link', to, place && place.textContent == a.textContent);
    });
    document.querySelectorAll('h2').forEach(h => tell('heading', h.id));
    document.querySelectorAll('figure').forEach(function (f) {
        var box = f.querySelector('svg').getBoundingClientRect();
        var command = f.nextElementSibling;
        tell('figure', f.id, Math.round(box.width), Math.round(box.height),
            f.querySelector('figcaption').textContent.length,
            command.tagName + ' ' + command.textContent);
    });
    document.querySelectorAll('h2, table').forEach(function (e) {
        if (e.tagName == 'H2') {
            onload.under = e.id;
            return;
        }
        for (var row of e.rows)
            tell('row', onload.under, ...cells(row));
    });
    /* Bars of the first figure: series, number, the top's height in it. */
    document.querySelectorAll('#figure-overhead g[id*=_plot_]').forEach(
        function (g) {
            var name = g.querySelector('title').textContent;
            Array.from(g.querySelectorAll('polygon')).slice(1).forEach(
                (p, i) => tell('bar', name, i, p.points[2].y));
        });
    var found = document.createElement('pre');
    found.id = 'found';
    found.textContent = '\n' + lines.join('\n') + '\n';
    document.body.append(found);
};
