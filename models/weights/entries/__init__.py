"""The catalogue's entries, one file a family.

A sha256 was computed from the file itself where a package index has it (yolov3-tiny, MTCNN, dlib, BlazeFace, BlazePose).
The others are the values that several independent projects have published for the same address; torchvision's begin
with the eight digits in the file's name.
"""
