	.text
	nosuchop %eax
