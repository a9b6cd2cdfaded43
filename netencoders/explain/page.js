// Moves the cursors of all pictures to the time of the player, and the player to a clicked time.
"use strict";
const players = [...document.querySelectorAll("audio, video")];
const pictures = [...document.querySelectorAll("svg[data-begin]")];

function place(picture) {
  const begin = Number(picture.dataset.begin);
  return [begin, Number(picture.dataset.end) - begin, picture.viewBox.baseVal.width];
}

function show(player) {
  for (const picture of pictures) {
    const [begin, length, width] = place(picture);
    const cursor = picture.querySelector(".cursor");
    cursor.setAttribute("transform", `translate(${((player.currentTime - begin) / length) * width} 0)`);
  }
}

for (const player of players) {
  const run = () => {
    show(player);
    if (!player.paused) requestAnimationFrame(run);
  };
  player.addEventListener("play", () => {
    for (const other of players) if (other !== player) other.pause();
    run();
  });
  for (const event of ["seeked", "timeupdate", "pause"]) player.addEventListener(event, () => show(player));
}

for (const picture of pictures) {
  picture.addEventListener("click", (event) => {
    const [begin, length] = place(picture);
    const box = picture.getBoundingClientRect();
    const side = picture.closest("[data-side]").dataset.side;
    const player = document.querySelector(`[data-player="${side}"]`) || players[0];
    if (player) player.currentTime = Math.max(0, begin + ((event.clientX - box.left) / box.width) * length);
  });
}
