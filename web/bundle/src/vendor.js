// What the pages need beyond HTML: htmx, and of Designsystemet the elements that
// add behaviour to dialogs, details, fields and the list of errors.
import "htmx.org/dist/htmx.min.js";
import "@digdir/designsystemet-web/dialog";
import "@digdir/designsystemet-web/details";
import "@digdir/designsystemet-web/invokers";
import "@digdir/designsystemet-web/ds-field";
import "@digdir/designsystemet-web/ds-error-summary";
import "@digdir/designsystemet-web/ds-breadcrumbs";
