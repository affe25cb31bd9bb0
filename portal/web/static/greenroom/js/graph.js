// On a narrow screen a picture of relations opens at the entity it is about.
function centre() {
  for (const focus of document.querySelectorAll(".graph .focus")) {
    const scroller = focus.closest(".scroll");
    const box = focus.getBoundingClientRect();
    const middle = box.left + box.width / 2 - scroller.getBoundingClientRect().left;
    scroller.scrollLeft += middle - scroller.clientWidth / 2;
  }
}

centre();
document.addEventListener("greenroom:shown", centre);
