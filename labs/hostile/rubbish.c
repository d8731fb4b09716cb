// does not build: no C at all
% PDF - 1.4 \x00\xff;
;
;
;
{
    {
        {
            {
