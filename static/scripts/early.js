// Before anything is drawn: parts that need a script are shown only where one runs.
document.documentElement.classList.add("scripts");
